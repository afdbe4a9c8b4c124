# METADATA
# title: Conventions
# description: >-
#   What every rule must say of itself, so that a denial can be explained and a rule has an owner. Runs over what
#   `opa inspect -a` and `opa parse` print of the rules; see `candour policy check`.
# schemas:
#   - input: schema.inspection
package conventions

# METADATA
# title: Problems
# description: One sentence for each place where a rule breaks a convention.
problems contains sprintf("%s: the package needs METADATA with title and description", [module.file]) if {
	some module in input.modules
	not described(module.package, "package", module.file)
}

problems contains sprintf("%s:%d: needs METADATA with a title, a description and a code", [rule.file, rule.row]) if {
	some rule in denials
	not annotations_of(rule)
}

problems contains sprintf("%s:%d: METADATA lacks %s", [rule.file, rule.row, part]) if {
	some rule in denials
	custom := annotations_of(rule).custom
	some part in {"code", "owner", "source", "solution"}
	not custom[part]
}

problems contains sprintf("%s:%d: says %s but its METADATA says %s", [rule.file, rule.row, rule.code, code]) if {
	some rule in denials
	code := annotations_of(rule).custom.code
	code != rule.code
}

problems contains sprintf("%s:%d: %s is no reason of broker/domain/codes.py", [rule.file, rule.row, rule.code]) if {
	some rule in denials
	not rule.code in input.reasons
}

problems contains sprintf("%s: source %s is no number of the domain", [entry.location.file, source]) if {
	some entry in input.inspect.annotations
	some source in entry.annotations.custom.source
	not regex.match(`^(R|L|B)[0-9]{1,2}$`, source)
}

problems contains sprintf("%s: needs tests beside it in %s", [module.file, tests]) if {
	some module in input.modules
	not endswith(module.file, "_test.rego")
	tests := replace(module.file, ".rego", "_test.rego")
	not tests in input.tests
}

problems contains sprintf("%s: the package should be %s, as its folder is", [module.file, expected]) if {
	some module in input.modules
	parts := split(module.file, "/")
	expected := sprintf("candour.%s", [parts[count(parts) - 2]])
	module.package != expected
}

denials contains rule if {
	some rule in input.rules
	rule.name in {"deny", "hold", "because"}
}

annotations_of(rule) := entry.annotations if {
	some entry in input.inspect.annotations
	entry.location.file == rule.file
	entry.location.row == rule.row
	entry.annotations.title
	entry.annotations.description
}

described(package_name, scope, file) if {
	some entry in input.inspect.annotations
	entry.location.file == file
	entry.annotations.scope == scope
	concat(".", [part.value | some part in entry.path; part.value != "data"]) == package_name
	entry.annotations.title
	entry.annotations.description
}
