package candour.core_test

import data.candour.core
import data.candour.example_test as example

denied(base, changes) := codes if {
	codes := core.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

goes(base, changes) if {
	core.to_responder with input as object.union(base, changes)
		with data.desks as example.desks
		with data.responders as example.responders
}

neutral := {"field_class": "core"}

test_r42_the_core_goes_to_a_responder_in_an_emergency if {
	goes(example.question, neutral)
	goes(example.question, object.union(neutral, {"setting": "urgent"}))
	goes(example.question, object.union(neutral, {"purpose": "P4"}))
	goes(example.question, object.union(neutral, {"purpose": "P5"}))
}

test_r42_needs_no_agreement_and_heeds_no_wish if {
	goes(example.question, object.union(neutral, {"agreement": "none", "place": "southmoor"}))
	goes(example.question, object.union(neutral, {"wish": "objects", "wishes_known": false}))
	goes(example.question, object.union(neutral, {"age_band": "under_16", "markers": ["location_withheld"]}))
	goes(example.question, object.union(neutral, {"regime": "part3", "event_purpose": "PX1"}))
}

test_r42_is_about_the_core_only if not goes(example.question, {})

test_r42_is_for_what_is_urgent if not goes(example.question, object.union(neutral, {"setting": "planned"}))

test_r42_is_for_the_response_only if not goes(example.question, object.union(neutral, {"purpose": "P2"}))

test_r42_is_for_desks_that_must_act if {
	not goes(example.to_peer, neutral)
	not goes(example.to_police, neutral)
	not goes(example.question, object.union(neutral, {"desk_kind": "crisis"}))
}

test_r42_names_the_fields_that_the_schema_marks if {
	names := core.fields with input as example.question with data.event_types as example.event_types
	names == {"core.area": "whole", "core.urgency": "whole", "occurred_at": "whole"}
}

test_r42_neither_urgent_nor_agreed_is_nobody_s_business if {
	denied(example.question, {"setting": "planned", "agreement": "none"}) == {"core_not_urgent"}
	denied(example.question, {"setting": "planned"}) == set()
	denied(example.question, {"agreement": "none"}) == set()
}
