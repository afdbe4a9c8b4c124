# The branches of 3.2 that let something go, or wait, although something speaks against it.
package candour.branches_test

import data.candour.decision
import data.candour.example_test as example

answer(base, changes) := codes if {
	codes := decision.answer with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

reasons(base, changes) := {code | some code in answer(base, changes).reasons}

core := {"field_class": "core"}

test_r14_what_police_tell_health_goes_though_nothing_goes_back if {
	told := {"publisher_kind": "police", "regime": "part3"}
	signed := object.union(example.care, {
		"publisher_kinds": ["police"],
		"basis": "B6",
		"confidentiality": "statute",
		"gateway": "Data Protection Act 2018 s36(4)",
	})
	given := decision.answer with input as object.union(example.question, told)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as {"care": signed}
		with data.event_types as example.event_types
	given.answer == "PERMIT"
	answer(example.to_police, {"in_incident": false}).answer == "DENY"
}

test_r21_after_the_incident_police_get_the_time_it_ended if {
	given := answer(example.ended, {"in_incident": false, "incident_ended": true})
	given.answer == "PERMIT"
	given.fields == {"person.ended_at": "whole"}
	given.obligations.incident_only
	answer(example.ended, {"in_incident": false}).answer == "DENY"
}

test_r11_serious_crime_waits_and_a_denial_still_outweighs_it if {
	minimum := object.union(example.minimum, {"purposes": ["P6"]})
	crime := object.union(example.to_police, {"purpose": "P6", "field_class": "ID"})
	held := decision.answer with input as crime
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"minimum": minimum}
		with data.event_types as example.event_types
	held.answer == "HOLD"
	held.reasons == ["case_by_case"]
	denied := decision.answer with input as object.union(crime, {"wish": "objects"})
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"minimum": minimum}
		with data.event_types as example.event_types
	denied.answer == "DENY"
}

test_l13_an_emergency_without_an_agreement_says_so if {
	answer(example.unsigned, {}) == {
		"question": example.unsigned,
		"answer": "PERMIT",
		"fields": {"person.safety_needs": "whole"},
		"basis": null,
		"obligations": {"expires_after_hours": 72, "marking": "direct_care", "incident_only": false},
		"reasons": ["emergency_no_agreement"],
	}
	reasons(example.unsigned, {"field_class": "CL"}) == {"no_agreement"}
	reasons(example.unsigned, {"wish": "objects"}) == {"no_agreement", "objection"}
	reasons(example.unsigned, {"wishes_known": false}) == {"identity_unsound", "no_agreement"}
}

test_r24_an_emergency_without_an_agreement_hides_the_place_too if {
	given := answer(example.unsigned, {"field_class": "OP", "markers": ["domestic_abuse"]})
	given.fields == {"occurred_at": "whole"}
	reasons(example.unsigned, {"field_class": "LP", "markers": ["domestic_abuse"]}) == {"location_withheld"}
}

test_r27_an_objection_outweighed_is_told_with_what_goes if {
	given := answer(example.question, {"wish": "objects", "threshold_confirmed": "life_risk"})
	given.answer == "PERMIT"
	given.reasons == ["objection_outweighed"]
	given.basis == "B1"
}

test_r24_a_marker_outweighs_a_danger if {
	asked := {
		"wish": "objects",
		"threshold_confirmed": "life_risk",
		"field_class": "LP",
		"markers": ["location_withheld"],
	}
	answer(example.question, asked).answer == "DENY"
	reasons(example.question, asked) == {"location_withheld"}
}

test_r27_a_capable_refusal_is_held_and_the_core_goes if {
	held := answer(example.question, {"wish": "objects", "capacity": "has"})
	held.answer == "HOLD"
	held.reasons == ["capable_refusal"]
	answer(example.question, object.union(core, {"wish": "objects", "capacity": "has"})).answer == "PERMIT"
}

test_l14_a_safeguarding_duty_is_told_with_what_goes if {
	given := answer(example.to_council, {"wish": "objects", "field_class": "OP"})
	given.answer == "PERMIT"
	given.reasons == ["safeguarding_duty"]
	answer(example.to_council, object.union(core, {"wish": "objects"})).reasons == ["safeguarding_duty"]
}

test_r37_an_anonymous_contact_is_no_match_and_its_core_goes if {
	anonymous := {"wishes_known": false}
	reasons(example.question, anonymous) == {"identity_unsound"}
	answer(example.question, object.union(core, anonymous)).answer == "PERMIT"
}

test_r2_a_plan_that_police_wrote_is_released_to_nobody if {
	by_police := {"event_type": "cmht.crisis_plan.updated", "publisher_kind": "police", "setting": "planned"}
	"police_plan" in reasons(example.question, by_police)
	"police_plan" in reasons(example.question, object.union(core, by_police))
	"police_plan" in reasons(example.to_police, object.union(core, {"event_type": "cmht.crisis_plan.updated"}))
}

test_r28_r29_a_volunteer_gets_a_first_name_on_a_yes if {
	answer(example.to_volunteer, {"field_class": "ID"}).fields == {"subject.given_name": "whole"}
	reasons(example.to_volunteer, {"field_class": "ID", "wish": "none"}) == {"permission_missing"}
}

test_r54_a_yes_that_its_beneficiary_recorded_gives_nothing if {
	reasons(example.to_volunteer, {"field_class": "ID", "permission_source": "beneficiary"}) == {
		"permission_from_beneficiary",
	}
}

without(base, key) := found if {
	found := decision.answer with input as object.remove(base, [key])
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_absence_opens_no_branch if {
	emergency := [
		"event_type", "field_class", "setting", "event_purpose", "desk", "desk_kind", "purpose", "place",
		"threshold_asserted", "wish", "wishes_known",
	]
	every key in emergency {
		without(example.unsigned, key).answer == "DENY"
	}
	outweighed := object.union(example.question, {"wish": "objects", "threshold_confirmed": "life_risk"})
	every key in ["event_type", "setting", "agreement", "desk", "desk_kind", "purpose", "place", "threshold_confirmed"] {
		without(outweighed, key).answer == "DENY"
	}
	after := object.union(example.ended, {"in_incident": false, "incident_ended": true})
	every key in ["event_type", "setting", "agreement", "desk", "desk_kind", "purpose", "incident_ended", "wish"] {
		without(after, key).answer == "DENY"
	}
	duty := object.union(example.to_council, {"wish": "objects"})
	every key in ["event_type", "agreement", "desk", "desk_kind", "purpose"] {
		without(duty, key).answer == "DENY"
	}
}
