package system.authz_test

import data.system.authz

asked(method, path) if authz.allow with input as {"method": method, "path": path}

test_questions_may_be_asked if asked("POST", ["v1", "data", "candour", "batch", "answers"])

test_health_and_revision_may_be_read if {
	asked("GET", ["health"])
	asked("GET", ["v1", "data", "system", "version"])
}

test_nothing_can_be_written if {
	not asked("PUT", ["v1", "policies", "extra"])
	not asked("PUT", ["v1", "data", "agreements"])
	not asked("PATCH", ["v1", "data", "agreements"])
	not asked("DELETE", ["v1", "data"])
}

test_nothing_else_can_be_read if {
	not asked("GET", ["v1", "data", "candour", "batch", "answers"])
	not asked("GET", ["v1", "data", "agreements"])
	not asked("GET", ["v1", "policies"])
	not asked("POST", ["v1", "query"])
	not asked("POST", ["v1", "data"])
	not asked("GET", ["v1", "config"])
}
