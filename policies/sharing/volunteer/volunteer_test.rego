package candour.volunteer_test

import data.candour.example_test as example
import data.candour.volunteer

denied(base, changes) := codes if {
	codes := volunteer.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

withheld(base, changes) := found if {
	found := volunteer.withheld with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_r29_a_volunteer_hears_nothing_of_police_detention_or_abuse if {
	every event_type in [
		"police.mh_call.triaged",
		"police.s136.detained",
		"pos.s136.ended",
		"sc.safeguarding.concern_raised",
		"sc.amhp.assessment_requested",
		"ward.admitted",
		"cmht.section117.changed",
		"crisis.street_triage.contact",
	] {
		denied(example.to_volunteer, {"event_type": event_type}) == {"volunteer_limits"}
		denied(example.to_volunteer, {"event_type": event_type, "field_class": "core"}) == {"volunteer_limits"}
	}
}

test_r29_no_legal_clinical_or_safeguarding_class_goes_to_a_volunteer if {
	every field_class in ["LG", "SG", "CO", "CL", "CX"] {
		denied(example.to_volunteer, {"field_class": field_class}) == {"volunteer_limits"}
	}
}

test_r29_a_volunteer_gets_no_reference_of_an_incident if {
	withheld(example.to_volunteer, {}) == {"incident_ref"}
	withheld(example.question, {}) == set()
}

test_r29_is_about_volunteers_only if {
	denied(example.to_volunteer, {}) == set()
	denied(example.question, {"field_class": "LG", "event_type": "police.s136.detained"}) == set()
}
