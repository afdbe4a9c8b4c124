package candour.wishes_test

import data.candour.example_test as example
import data.candour.wishes

denied(base, changes) := codes if {
	codes := wishes.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_r36_unsound_identity_stops_all_of_the_person if {
	denied(example.question, {"wishes_known": false}) == {"identity_unsound"}
}

test_l8_care_on_implied_consent_needs_no_yes if denied(example.question, {}) == set()

test_b9_peer_support_needs_a_yes if {
	denied(example.to_peer, {}) == set()
	denied(example.to_peer, {"wish": "none", "permission_source": "none"}) == {"permission_missing"}
	denied(example.to_peer, {"wish": "objects", "permission_source": "none"}) == {"permission_missing"}
}

test_r54_a_yes_from_a_third_hand_counts if {
	denied(example.to_peer, {"permission_source": "independent"}) == set()
}

test_r54_a_yes_recorded_by_who_gains_by_it_does_not if {
	denied(example.to_peer, {"permission_source": "beneficiary"}) == {"permission_from_beneficiary"}
}

test_r54_a_yes_from_nowhere_does_not if {
	denied(example.to_peer, {"permission_source": "none"}) == {"permission_missing"}
}

test_r28_a_cell_that_asks_for_a_yes_needs_one_whatever_the_agreement_says if {
	codes := wishes.deny with input as object.union(example.to_peer, {"wish": "none"})
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"peer": object.union(example.peer, {"confidentiality": "statute"})}
	codes == {"permission_missing"}
}
