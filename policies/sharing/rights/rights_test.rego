package candour.rights_test

import data.candour.example_test as example
import data.candour.rights

to_officers := {
	"event_type": "person.complaint",
	"purpose": "P12",
	"desk": "moor-governance/officers",
	"desk_kind": "governance",
}

denied(changes) := codes if {
	codes := rights.deny with input as object.union(example.question, changes)
		with data.desks as object.union(example.desks, {"moor-governance/officers": "governance"})
		with data.columns as object.union(example.columns, {"moor-governance/officers": "officer"})
		with data.responders as example.responders
}

test_r32_a_complaint_goes_to_those_who_answer_for_it if {
	denied(to_officers) == set()
	denied(object.union(to_officers, {"field_class": "core"})) == set()
}

test_r32_a_complaint_goes_to_no_team_whatever_the_purpose if {
	every event_type in ["person.complaint", "person.feedback", "person.access_log.viewed"] {
		denied({"event_type": event_type}) == {"complaint_confined"}
		denied({"event_type": event_type, "purpose": "P12"}) == {"complaint_confined"}
		denied({"event_type": event_type, "desk": "moor-police/control-room", "desk_kind": "police", "purpose": "P5"}) == {
			"complaint_confined",
		}
	}
}

test_r32_a_complaint_goes_to_no_other_desk_of_governance_and_for_no_other_purpose if {
	denied(object.union(to_officers, {"desk": "moor-governance/guardian"})) == {"complaint_confined"}
	denied(object.union(to_officers, {"purpose": "P2"})) == {"complaint_confined"}
}

test_r32_officers_learn_who_it_is_where_somebody_turns_to_them if {
	every field_class in ["ID", "CT", "AU", "TP"] {
		denied(object.union(to_officers, {"field_class": field_class})) == set()
		denied(object.union(
			to_officers,
			{"field_class": field_class, "event_type": "person.correction.requested"},
		)) == set()
		denied(object.union(
			to_officers,
			{"field_class": field_class, "event_type": "crisis.triage.completed", "purpose": "P2"},
		)) == {"rights_only"}
		denied(object.union(
			to_officers,
			{"field_class": field_class, "event_type": "person.access_log.viewed"},
		)) == {"rights_only"}
	}
}

test_r32_says_nothing_of_care if {
	denied({}) == set()
	denied({"desk": "moor-police/control-room", "desk_kind": "police", "purpose": "P5"}) == set()
}
