package candour.agreement_test

import data.candour.agreement
import data.candour.example_test as example

denied(base, changes) := codes if {
	codes := agreement.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_an_agreement_in_force_that_names_the_class_stops_nothing if denied(example.question, {}) == set()

test_l13_each_part_of_the_flow_must_be_signed_for if {
	every changes in [
		{"agreement": "none"},
		{"agreement": "minimum"},
		{"event_type": "canary"},
		{"desk": "moor-police/missing-persons", "desk_kind": "police"},
		{"purpose": "P3"},
		{"place": "southmoor"},
		{"publisher_kind": "police"},
	] {
		denied(example.question, changes) == {"no_agreement"}
	}
}

test_l13_a_desk_that_is_not_what_it_says_has_no_agreement if {
	denied(example.question, {"desk_kind": "crisis"}) == {"no_agreement"}
}

test_l13_the_first_day_counts_and_the_end_does_not if {
	denied(example.question, {"interval": "2026-04-01"}) == set()
	denied(example.question, {"interval": "2026-03-31"}) == {"no_agreement"}
	denied(example.question, {"interval": "2027-03-31"}) == set()
	denied(example.question, {"interval": "2027-04-01"}) == {"no_agreement"}
}

test_r3_an_agreement_for_incidents_says_nothing_outside_one if {
	denied(example.to_police, {}) == set()
	denied(example.to_police, {"in_incident": false}) == {"no_agreement"}
}

test_l9_a_class_the_agreement_does_not_name_stays if {
	denied(example.question, {"field_class": "LG"}) == {"not_in_agreement"}
}

test_r21_the_end_of_custody_is_told_after_the_incident_too if {
	after := {"in_incident": false, "incident_ended": true}
	denied(example.ended, after) == set()
	denied(example.ended, {"in_incident": false}) == {"no_agreement"}
	denied(example.to_police, after) == {"no_agreement"}
	denied(object.union(example.ended, {"event_type": "pos.s136.handover"}), after) == {"no_agreement"}
}

test_l13_a_life_at_risk_is_no_want_of_an_agreement if {
	denied(example.unsigned, {}) == set()
	denied(example.unsigned, {"field_class": "CL"}) == {"no_agreement"}
	denied(example.unsigned, {"wish": "objects"}) == {"no_agreement"}
}
