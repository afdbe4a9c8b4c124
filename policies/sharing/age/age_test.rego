package candour.age_test

import data.candour.age
import data.candour.example_test as example

denied(base, changes) := codes if {
	codes := age.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_r38_peer_support_of_a_child_waits_for_the_child_policy if {
	denied(example.to_peer, {"age_band": "under_16"}) == {"age_policy_missing"}
	denied(example.to_peer, {"age_band": "age_16_17"}) == {"age_policy_missing"}
	denied(example.to_peer, {"markers": ["child"]}) == {"age_policy_missing"}
}

test_r38_an_age_band_nobody_knows_waits_too if denied(example.to_peer, {"age_band": "elder"}) == {"age_policy_missing"}

test_r38_adults_and_those_whose_age_was_not_told_do_not_wait if {
	denied(example.to_peer, {}) == set()
	denied(example.to_peer, {"age_band": "unknown"}) == set()
}

test_r43_a_child_in_crisis_is_helped if denied(example.question, {"age_band": "under_16"}) == set()

test_r38_childrens_social_care_is_alerted_where_the_person_is_under_18 if {
	alert := {"desk": "moor-children/safeguarding", "desk_kind": "children_social_care", "event_type": "broker.legal_alert.raised"}
	denied(example.question, alert) == {"not_a_child"}
	denied(example.question, object.union(alert, {"age_band": "unknown"})) == {"not_a_child"}
	denied(example.question, object.union(alert, {"age_band": "under_16"})) == set()
	denied(example.question, object.union(alert, {"age_band": "age_16_17"})) == set()
	denied(example.question, object.union(alert, {"markers": ["child"]})) == set()
	denied(example.question, object.union(alert, {"event_type": "sc.safeguarding.concern_raised"})) == set()
}
