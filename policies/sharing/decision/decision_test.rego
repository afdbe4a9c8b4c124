package candour.decision_test

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

test_a_permit_names_fields_basis_and_obligations if {
	answer(example.question, {}) == {
		"question": example.question,
		"answer": "PERMIT",
		"fields": {"person.safety_needs": "whole", "person.what_helps_now": "whole"},
		"basis": "B1",
		"obligations": {"expires_after_hours": null, "marking": "direct_care", "incident_only": false},
		"reasons": [],
	}
}

test_a_denial_gives_nothing_but_its_reasons if {
	answer(example.question, {"wish": "objects"}) == {
		"question": object.union(example.question, {"wish": "objects"}),
		"answer": "DENY",
		"fields": {},
		"basis": null,
		"obligations": {"expires_after_hours": null, "marking": null, "incident_only": false},
		"reasons": ["objection"],
	}
}

test_a_hold_gives_nothing_and_says_why if {
	held := answer(example.question, {"field_class": "CX"})
	held.answer == "HOLD"
	held.fields == {}
	held.reasons == ["class_needs_person"]
}

test_a_denial_outweighs_a_hold if {
	denied := answer(example.question, {"field_class": "CX", "wish": "objects"})
	denied.answer == "DENY"
	denied.reasons == ["objection"]
}

test_reasons_are_sorted_and_all_of_them if {
	answer(example.question, {"wish": "objects", "wishes_known": false, "event_purpose": "PX2"}).reasons == [
		"identity_unsound",
		"objection",
		"refused_purpose",
	]
}

test_r42_the_core_of_an_emergency_goes_to_a_responder_whatever_denies_the_rest if {
	every changes in [
		{"wish": "objects"},
		{"agreement": "none"},
		{"place": "southmoor"},
		{"wishes_known": false},
		{"event_purpose": "PX1"},
		{"age_band": "under_16"},
	] {
		given := answer(example.question, object.union(core, changes))
		given.answer == "PERMIT"
		given.fields == example.event_types["crisis.triage.completed"].core
		given.basis == null
		given.obligations.marking == "neutral_core"
		given.reasons == []
	}
}

test_r42_a_planned_core_goes_only_as_agreed if {
	answer(example.question, {"field_class": "core", "setting": "planned"}).fields == {"core.area": "whole"}
	reasons(example.question, {"field_class": "core", "setting": "planned", "wish": "objects"}) == {"objection"}
	reasons(example.question, {"field_class": "core", "setting": "planned", "agreement": "none"}) == {
		"core_not_urgent",
		"no_agreement",
	}
}

test_r42_police_without_an_agreement_get_no_core if {
	missing := {"desk": "moor-police/missing-persons", "agreement": "none", "purpose": "P7"}
	reasons(example.to_police, object.union(core, missing)) == {"no_agreement"}
	reasons(example.to_police, missing) == {"no_agreement"}
}

test_r53_police_get_the_core_in_the_incident_before_danger_is_confirmed if {
	given := answer(example.to_police, object.union(core, {"threshold_confirmed": "none"}))
	given.answer == "PERMIT"
	given.obligations.incident_only
	reasons(example.to_police, object.union(core, {"in_incident": false})) == {
		"no_agreement",
		"police_not_confirmed",
	}
}

test_r42_an_objection_does_not_stop_the_core_to_police if {
	answer(example.to_police, object.union(core, {"wish": "objects"})).answer == "PERMIT"
	reasons(example.to_police, object.union(core, {"event_purpose": "PX5"})) == {"refused_purpose"}
}

test_r1_planned_care_never_reaches_police if {
	every field_class in ["core", "ID", "SF"] {
		"police_planned_care" in reasons(example.to_police, {"field_class": field_class, "setting": "planned"})
		"police_planned_care" in reasons(example.to_police, {"field_class": field_class, "purpose": "P2"})
	}
}

test_r10_a_clinical_class_never_reaches_police_even_where_an_agreement_names_it if {
	reasons(example.to_police, {"field_class": "CL"}) == {"class_never", "police_no_clinical"}
}

test_r36_police_get_a_name_and_no_nhs_number if {
	answer(example.to_police, {"field_class": "ID"}).fields == {
		"subject.family_name": "whole",
		"subject.given_name": "whole",
	}
}

test_b9_peer_support_gets_core_and_person_on_a_yes_and_neither_without if {
	answer(example.to_peer, core).answer == "PERMIT"
	answer(example.to_peer, {}).answer == "PERMIT"
	reasons(example.to_peer, object.union(core, {"wish": "none"})) == {"permission_missing"}
	reasons(example.to_peer, {"wish": "none"}) == {"permission_missing"}
}

test_an_event_type_nobody_described_is_nobody_s_to_share if {
	every field_class in ["core", "OP"] {
		answer(example.question, {"event_type": "canary", "field_class": field_class}).reasons == ["no_agreement"]
	}
}

# What a flow does not rest on may be missing; what it rests on may not (house rule: absence never allows).
idle := {"threshold_asserted", "override_open", "capacity", "incident_ended"}

idle_outside_police := {"threshold_confirmed", "custody_confirmed", "in_incident"}

without(base, key) := found if {
	found := decision.answer with input as object.remove(base, [key])
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

idle_without_wishes := {"permission_source", "age_band", "markers"}

denied_without(base, keys) if {
	every key in keys {
		without(base, key).answer == "DENY"
	}
}

test_absence_never_allows if {
	every_key := object.keys(example.question) - idle
	denied_without(example.question, (every_key - idle_outside_police) - idle_without_wishes)
	denied_without(example.to_peer, every_key - idle_outside_police)
	denied_without(example.to_police, (every_key - idle_without_wishes) - {"custody_confirmed"})
}

only_the_number := {"crisis.triage.completed": {"ID": {"whole": {"subject.nhs_number": "whole"}, "summary": {}}}}

test_what_nothing_permits_is_denied if {
	terms := object.union(object.remove(example.minimum, ["grants"]), {"grants": only_the_number})
	unnamed := decision.answer with input as object.union(example.to_police, {"field_class": "ID"})
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"minimum": terms}
		with data.event_types as example.event_types
	unnamed.answer == "DENY"
	unnamed.reasons == ["not_in_agreement"]
}

test_r43_a_missing_optional_part_stops_no_core_of_an_emergency if {
	every key in ["capacity", "age_band", "threshold_asserted", "threshold_confirmed", "wish", "markers"] {
		without(object.union(example.question, core), key).answer == "PERMIT"
	}
}

test_r34_a_life_at_risk_without_an_agreement_and_an_objection_go_by_the_same_table if {
	objects := object.union(example.unsigned, {"wish": "objects"})
	confirmed := {"threshold_confirmed": "life_risk", "field_class": "SF"}
	both := ["emergency_no_agreement", "objection_outweighed"]
	answer(objects, confirmed).answer == "PERMIT"
	answer(objects, confirmed).reasons == both
	answer(objects, object.union(confirmed, {"field_class": "ID"})).answer == "DENY"
	answer(objects, {"field_class": "SF", "capacity": "has"}).reasons == ["capable_refusal"]
	answer(objects, {"field_class": "SF", "capacity": "has"}).answer == "HOLD"
	answer(objects, {"field_class": "SF", "capacity": "lacks"}).reasons == ["best_interests"]
	answer(objects, {"field_class": "SF", "capacity": "unknown"}).reasons == ["no_agreement", "objection"]
	answer(objects, {"field_class": "CL", "capacity": "has"}).reasons == ["no_agreement"]
}
