package candour.incident_test

import data.candour.example_test as example
import data.candour.incident

denied(changes) := codes if {
	codes := incident.deny with input as object.union(example.to_police, changes)
}

test_r9_police_in_a_confirmed_incident_are_not_stopped_here if {
	denied({}) == set()
	denied({"threshold_confirmed": "serious_harm"}) == set()
	denied({"threshold_confirmed": "none", "custody_confirmed": true}) == set()
}

test_r3_police_outside_the_incident_get_nothing if {
	denied({"in_incident": false}) == {"police_not_confirmed"}
	denied({"in_incident": false, "custody_confirmed": true}) == {"police_not_confirmed"}
}

test_r53_an_incident_without_confirmed_danger_is_not_enough if {
	denied({"threshold_confirmed": "none"}) == {"police_not_confirmed"}
	denied({"threshold_confirmed": "crime"}) == {"police_not_confirmed"}
}

test_r53_what_police_assert_opens_nothing if {
	denied({"threshold_confirmed": "none", "threshold_asserted": "life_risk"}) == {"police_not_confirmed"}
	denied({"threshold_confirmed": "none", "setting": "emergency_live"}) == {"police_not_confirmed"}
	denied({"threshold_confirmed": "none", "event_purpose": "P5"}) == {"police_not_confirmed"}
}

test_r53_the_core_needs_the_incident_and_no_more if {
	denied({"field_class": "core", "threshold_confirmed": "none"}) == set()
	denied({"field_class": "core", "in_incident": false}) == {"police_not_confirmed"}
}

test_r53_is_about_police_only if denied({"desk_kind": "crisis", "in_incident": false}) == set()

test_r21_the_end_and_the_handover_need_no_further_danger if {
	codes := incident.deny with input as example.ended
	codes == set()
	after := incident.deny with input as object.union(example.ended, {"in_incident": false, "incident_ended": true})
	after == set()
	outside := incident.deny with input as object.union(example.ended, {"in_incident": false})
	outside == {"police_not_confirmed"}
	handover := incident.deny with input as object.union(example.ended, {"event_type": "pos.s136.handover"})
	handover == set()
}

test_r3_after_the_incident_nothing_else_follows if {
	denied({"in_incident": false, "incident_ended": true}) == {"police_not_confirmed"}
	denied({"in_incident": false, "incident_ended": true, "field_class": "core"}) == {"police_not_confirmed"}
}
