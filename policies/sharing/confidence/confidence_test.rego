package candour.confidence_test

import data.candour.confidence
import data.candour.example_test as example

denied(base, changes, terms) := codes if {
	codes := confidence.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {base.agreement: object.union(example.agreements[base.agreement], terms)}
}

test_l8_implied_consent_covers_those_who_care if denied(example.question, {}, {}) == set()

test_l8_implied_consent_does_not_cover_others if {
	denied(example.to_police, {}, {"confidentiality": "implied"}) == {"confidence"}
	denied(example.to_peer, {}, {"confidentiality": "implied"}) == {"confidence"}
}

test_l8_explicit_consent_is_asked_for_elsewhere if denied(example.to_peer, {}, {}) == set()

test_r9_public_interest_is_a_danger_that_health_confirmed if {
	denied(example.to_police, {}, {}) == set()
	denied(example.to_police, {"threshold_confirmed": "none", "custody_confirmed": true}, {}) == set()
	denied(example.to_police, {"threshold_confirmed": "none"}, {}) == {"confidence"}
}

test_l8_statute_lifts_it if denied(example.question, {}, {"confidentiality": "statute"}) == set()

test_l8_no_ground_or_an_unknown_one_lifts_nothing if {
	denied(example.question, {}, {"confidentiality": "habit"}) == {"confidence"}
	denied(example.question, {}, {"confidentiality": null}) == {"confidence"}
}

test_l8_says_nothing_where_nothing_was_agreed if denied(example.question, {"place": "southmoor"}, {}) == set()
