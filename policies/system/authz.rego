# METADATA
# title: Who may ask the policy engine what
# description: >-
#   One path for questions, two pages that say whether and under which revision the engine serves. Nothing can be written,
#   and nothing else can be read.
package system.authz

# METADATA
# title: Allowed
# description: What no rule allows is refused.
# scope: document
default allow := false

allow if {
	input.method == "POST"
	input.path == ["v1", "data", "candour", "batch", "answers"]
}

allow if {
	input.method == "GET"
	input.path in {["health"], ["v1", "data", "system", "version"]}
}
