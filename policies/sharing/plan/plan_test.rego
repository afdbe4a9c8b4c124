package candour.plan_test

import data.candour.example_test as example
import data.candour.plan

denied(base, changes) := codes if {
	codes := plan.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_r2_police_neither_write_a_plan_nor_receive_one if {
	every event_type in ["cmht.crisis_plan.updated", "cmht.care_plan.updated", "crisis.safety_plan.updated"] {
		denied(example.question, {"event_type": event_type, "publisher_kind": "police"}) == {"police_plan"}
		denied(example.to_police, {"event_type": event_type}) == {"police_plan"}
	}
}

test_r2_of_a_safety_plan_police_get_what_the_person_marked_for_them if {
	every field_class in ["AU", "core"] {
		denied(example.to_police, {"event_type": "crisis.safety_plan.updated", "field_class": field_class}) == set()
		denied(example.to_police, {"event_type": "cmht.crisis_plan.updated", "field_class": field_class}) == {"police_plan"}
	}
	every field_class in ["ID", "CT", "LP", "OP", "SF", "LG", "CL", "CX", "TP", "SG", "SC", "ST"] {
		denied(example.to_police, {"event_type": "crisis.safety_plan.updated", "field_class": field_class}) == {"police_plan"}
	}
}

test_r2_police_write_no_safety_plan_whatever_the_class if {
	denied(example.question, {
		"event_type": "crisis.safety_plan.updated",
		"field_class": "AU",
		"publisher_kind": "police",
	}) == {"police_plan"}
}

test_r2_police_are_no_named_contact_of_somebodys_care if {
	denied(example.to_police, {"event_type": "cmht.coordinator.allocated"}) == {"police_plan"}
	denied(example.question, {
		"event_type": "cmht.coordinator.allocated",
		"publisher_kind": "police",
	}) == {"police_plan"}
}

test_r2_plans_are_for_those_who_care if {
	denied(example.question, {"event_type": "cmht.crisis_plan.updated", "publisher_kind": "cmht"}) == set()
	denied(example.to_police, {}) == set()
}
