# METADATA
# title: Who may ask the policy engine what
# description: >-
#   One question path and one health page. No policy and no data can be written, and nothing else can be read.
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
	input.path == ["health"]
}
