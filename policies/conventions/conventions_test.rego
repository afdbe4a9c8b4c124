package conventions_test

import data.conventions

annotation(file, row, scope, path, custom) := {
	"annotations": {"scope": scope, "title": "A title", "description": "A description.", "custom": custom},
	"location": {"file": file, "row": row},
	"path": [{"value": part} | some part in path],
}

file := "sharing/age/age.rego"

whole := {"code": "objection", "owner": "somebody", "source": ["R34"], "solution": "None."}

sound := {
	"inspect": {"annotations": [
		annotation(file, 3, "package", ["data", "candour", "age"], {}),
		annotation(file, 9, "rule", ["data", "candour", "age", "deny"], whole),
	]},
	"modules": [{"file": file, "package": "candour.age"}],
	"rules": [{"file": file, "row": 9, "name": "deny", "code": "objection"}],
	"reasons": ["objection"],
	"tests": ["sharing/age/age_test.rego"],
}

problems_with(custom) := found if {
	found := conventions.problems with input as json.patch(sound, [{
		"op": "replace",
		"path": "/inspect/annotations/1/annotations/custom",
		"value": custom,
	}])
}

changed(op, path, value) := found if {
	found := conventions.problems with input as json.patch(sound, [{"op": op, "path": path, "value": value}])
}

test_a_rule_that_says_all_of_itself_is_sound if conventions.problems == set() with input as sound

test_a_package_without_metadata_is_found if {
	some problem in changed("replace", "/inspect/annotations/0/annotations/scope", "rule")
	contains(problem, "the package needs METADATA")
}

test_a_rule_without_metadata_is_found if {
	some problem in changed("replace", "/rules/0/row", 10)
	contains(problem, "needs METADATA with a title")
}

test_each_missing_part_of_the_metadata_is_found if {
	every part in ["code", "owner", "source", "solution"] {
		some problem in problems_with(object.remove(whole, [part]))
		endswith(problem, sprintf("METADATA lacks %s", [part]))
	}
}

test_a_code_that_differs_from_its_metadata_is_found if {
	some problem in problems_with(object.union(whole, {"code": "confidence"}))
	contains(problem, "says objection but its METADATA says confidence")
}

test_a_code_that_is_not_published_is_found if {
	some problem in changed("replace", "/reasons", [])
	contains(problem, "is no reason of broker/domain/codes.py")
}

test_a_source_that_is_no_number_is_found if {
	some problem in problems_with(object.union(whole, {"source": ["hearsay"]}))
	contains(problem, "source hearsay is no number")
}

test_a_family_without_tests_is_found if {
	some problem in changed("replace", "/tests", [])
	contains(problem, "needs tests beside it")
}

test_a_package_named_otherwise_than_its_folder_is_found if {
	some problem in changed("replace", "/modules/0/package", "candour.youth")
	contains(problem, "the package should be candour.age")
}
