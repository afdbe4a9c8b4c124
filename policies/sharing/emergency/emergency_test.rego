package candour.emergency_test

import data.candour.emergency
import data.candour.example_test as example

told(base, changes) := codes if {
	codes := emergency.because with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

goes(base, changes) if {
	emergency.goes with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_l13_a_life_at_risk_needs_no_agreement if {
	told(example.unsigned, {}) == {"emergency_no_agreement"}
	goes(example.unsigned, {"threshold_asserted": "none", "threshold_confirmed": "life_risk"})
	goes(example.unsigned, {"place": "elsewhere"})
	goes(example.unsigned, {"desk": "moor-ambulance/control", "desk_kind": "ambulance"})
	goes(example.unsigned, {"purpose": "P4"})
	goes(example.unsigned, {"wish": "permits"})
}

test_l13_only_four_classes_go_without_an_agreement if {
	every field_class in ["ID", "LP", "SF", "OP"] {
		goes(example.unsigned, {"field_class": field_class})
	}
	every field_class in ["CL", "CX", "AU", "LG", "TP", "SG", "SC", "CO", "CT", "ST", "LA"] {
		not goes(example.unsigned, {"field_class": field_class})
	}
}

test_l13_each_part_of_the_branch_must_hold if {
	every changes in [
		{"setting": "urgent"},
		{"setting": "planned"},
		{"threshold_asserted": "serious_harm"},
		{"threshold_asserted": "none"},
		{"purpose": "P2"},
		{"place": "southmoor"},
		{"wish": "objects"},
		{"wishes_known": false},
		{"agreement": "care", "desk": "moor-pos/s136-suite", "desk_kind": "place_of_safety"},
		{"desk": "moor-pos/s136-suite", "desk_kind": "place_of_safety"},
		{"desk": "northmoor-crisis/peer"},
	] {
		not goes(example.unsigned, changes)
		told(example.unsigned, changes) == set()
	}
}

test_r53_an_emergency_opens_nothing_to_police if {
	police := {"agreement": "none", "threshold_asserted": "life_risk", "setting": "emergency_live"}
	every purpose in ["P1", "P4", "P5"] {
		not goes(example.to_police, object.union(police, {"purpose": purpose}))
	}
}

test_l13_where_an_agreement_is_in_force_it_is_what_counts if {
	not goes(example.question, {"threshold_asserted": "life_risk"})
}
