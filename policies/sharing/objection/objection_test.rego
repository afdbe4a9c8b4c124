package candour.objection_test

import data.candour.example_test as example
import data.candour.objection

denied(base, changes) := codes if {
	codes := objection.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

held(base, changes) := found if {
	found := objection.hold with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

because(base, changes) := found if {
	found := objection.because with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

objects(base, changes) := object.union(object.union(base, {"wish": "objects"}), changes)

test_r34_an_objection_stops if denied(objects(example.question, {}), {}) == {"objection"}

test_r34_a_wish_that_cannot_be_read_stops if {
	denied(example.question, {"wish": "perhaps"}) == {"objection"}
	denied(example.question, {"wish": "perhaps", "threshold_confirmed": "life_risk"}) == {"objection"}
	denied(example.question, {"wish": "perhaps", "capacity": "has"}) == {"objection"}
}

test_r27_no_objection_or_one_that_a_review_overrode_does_not_stop if {
	every wish in ["none", "permits", "overridden"] {
		denied(example.question, {"wish": wish}) == set()
		because(example.question, {"wish": wish, "threshold_confirmed": "life_risk"}) == set()
		held(example.question, {"wish": wish, "capacity": "has"}) == set()
	}
}

test_r27_a_danger_that_health_confirmed_outweighs_it_for_safety_and_place if {
	every threshold in ["life_risk", "serious_harm"] {
		every field_class in ["SF", "LP"] {
			asked := objects(example.question, {"threshold_confirmed": threshold, "field_class": field_class})
			denied(asked, {}) == set()
			because(asked, {}) == {"objection_outweighed"}
			held(asked, {"capacity": "has"}) == set()
		}
		every field_class in ["ID", "OP", "CL", "AU", "CT"] {
			asked := objects(example.question, {"threshold_confirmed": threshold, "field_class": field_class})
			denied(asked, {"capacity": "has"}) == {"objection"}
			because(asked, {}) == set()
		}
	}
}

test_r27_what_is_only_asserted_outweighs_nothing if {
	denied(objects(example.question, {"threshold_asserted": "life_risk"}), {}) == {"objection"}
}

test_r27_a_capable_refusal_waits_for_a_named_clinician if {
	asked := objects(example.question, {"capacity": "has"})
	denied(asked, {}) == set()
	held(asked, {}) == {"capable_refusal"}
	held(asked, {"setting": "urgent", "threshold_confirmed": "crime"}) == {"capable_refusal"}
}

test_r34_who_lacks_capacity_is_decided_for_in_their_best_interests if {
	asked := objects(example.question, {"capacity": "lacks"})
	denied(asked, {}) == set()
	held(asked, {}) == {"best_interests"}
}

test_r34_beyond_those_who_act_now_an_objection_is_an_objection if {
	every changes in [
		{"setting": "planned"},
		{"purpose": "P2"},
		{"capacity": "unknown"},
	] {
		asked := objects(example.question, object.union({"capacity": "has"}, changes))
		denied(asked, {}) == {"objection"}
		held(asked, {}) == set()
	}
	denied(objects(example.to_police, {"capacity": "has"}), {}) == {"objection"}
	denied(objects(example.to_peer, {"capacity": "has"}), {}) == {"objection"}
}

test_l14_the_duty_to_protect_an_adult_at_risk_outweighs_it if {
	asked := objects(example.to_council, {})
	denied(asked, {}) == set()
	because(asked, {}) == {"safeguarding_duty"}
}

test_l14_the_duty_is_the_councils_and_for_that_purpose if {
	every changes in [
		{"agreement": "care"},
		{"purpose": "P2"},
		{"desk": "northmoor-crisis/crisis-line", "desk_kind": "crisis"},
	] {
		denied(objects(example.to_council, changes), {}) == {"objection"}
		because(objects(example.to_council, changes), {}) == set()
	}
	with_basis_b1 := object.union(example.agreements, {"duty": object.union(example.duty, {"basis": "B1"})})
	codes := objection.deny with input as objects(example.to_council, {})
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as with_basis_b1
	codes == {"objection"}
}
