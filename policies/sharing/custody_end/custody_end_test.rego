package candour.custody_end_test

import data.candour.custody_end
import data.candour.example_test as example

denied(base, changes) := codes if {
	codes := custody_end.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

withheld(base, changes) := found if {
	found := custody_end.withheld with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

told(changes) if custody_end.told with input as object.union(example.ended, changes)

test_r21_police_get_the_end_and_nothing_else if {
	withheld(example.ended, {}) == {"person.next_contact_at"}
	denied(example.ended, {}) == set()
	every field_class in ["ID", "CT", "LP", "LA", "SF", "LG", "CL", "AU", "ST"] {
		denied(example.ended, {"field_class": field_class}) == {"custody_end_only"}
	}
}

test_r21_of_the_handover_facts_of_the_work_go_and_no_more if {
	handover := {"event_type": "pos.s136.handover"}
	denied(example.ended, handover) == set()
	withheld(example.ended, handover) == set()
	denied(example.ended, object.union(handover, {"field_class": "ST"})) == {"custody_end_only"}
}

test_r21_the_end_follows_the_incident_and_the_handover_does_not if {
	after := {"in_incident": false, "incident_ended": true}
	told({})
	told(after)
	not told({"in_incident": false})
	not told(object.union(after, {"field_class": "SF"}))
	not told(object.union(after, {"event_type": "pos.s136.handover"}))
	told({"event_type": "pos.s136.handover"})
}

test_r21_is_about_police_and_those_events_only if {
	denied(example.question, {"event_type": "pos.s136.ended", "field_class": "LG"}) == set()
	denied(example.to_police, {"field_class": "LG"}) == set()
	withheld(example.question, {"event_type": "pos.s136.ended"}) == set()
	not told({"desk_kind": "crisis"})
}
