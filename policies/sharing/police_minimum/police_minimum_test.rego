package candour.police_minimum_test

import data.candour.example_test as example
import data.candour.police_minimum

denied(changes) := codes if {
	codes := police_minimum.deny with input as object.union(example.to_police, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

withheld(changes) := names if {
	names := police_minimum.withheld with input as object.union(example.to_police, changes)
		with data.event_types as example.event_types
}

test_r10_nothing_clinical_goes_to_police if {
	every field_class in ["CL", "CX", "TP", "SC"] {
		denied({"field_class": field_class}) == {"police_no_clinical"}
	}
}

test_r10_of_the_persons_words_police_get_what_was_marked_for_them if {
	denied({"field_class": "AU"}) == set()
	denied({"field_class": "AU", "agreement": "none"}) == {"police_no_clinical"}
	unmarked := {"crisis.triage.completed": {"AU": {"whole": {"person.own_words": "whole"}, "for_police": {}}}}
	codes := police_minimum.deny with input as object.union(example.to_police, {"field_class": "AU"})
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"minimum": object.union(object.remove(example.minimum, ["grants"]), {"grants": unmarked})}
	codes == {"police_no_clinical"}
}

test_r9_the_safety_minimum_is_not_stopped_here if {
	every field_class in ["ID", "LP", "OP", "SF", "LA", "ST"] {
		denied({"field_class": field_class}) == set()
	}
}

test_r10_is_about_police_only if denied({"field_class": "CL", "desk_kind": "crisis"}) == set()

test_r36_no_nhs_number_goes_to_police if {
	withheld({}) == {"subject.nhs_number"}
	withheld({"desk_kind": "crisis"}) == set()
}
