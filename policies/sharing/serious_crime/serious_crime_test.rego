package candour.serious_crime_test

import data.candour.example_test as example
import data.candour.serious_crime

held(base, changes) := codes if {
	codes := serious_crime.hold with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_r11_disclosure_about_serious_crime_waits_for_a_named_person if {
	every field_class in ["ID", "OP", "SF", "SG", "CO", "ST"] {
		held(example.to_police, {"purpose": "P6", "field_class": field_class}) == {"case_by_case"}
	}
}

test_r11_is_about_police_and_that_purpose_only if {
	held(example.to_police, {}) == set()
	held(example.to_police, {"purpose": "P6", "field_class": "core"}) == set()
	held(example.question, {"purpose": "P6"}) == set()
}
