package candour.obligation_test

import data.candour.example_test as example
import data.candour.obligation

owed(base, changes) := codes if {
	codes := obligation.under_agreement with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_the_agreement_says_what_must_be_done if {
	owed(example.question, {}) == {"expires_after_hours": null, "marking": "direct_care", "incident_only": false}
	owed(example.to_peer, {}) == {"expires_after_hours": 168, "marking": "agreed_support", "incident_only": false}
}

test_r8_police_use_it_for_the_incident_only if {
	owed(example.to_police, {}).incident_only
	owed(example.to_police, {}).marking == "incident_only"
}

test_r3_what_police_hold_expires_with_the_longest_incident if {
	owed(example.to_police, {}).expires_after_hours == 24
	owed(example.to_police, {"custody_confirmed": true}).expires_after_hours == 36
}

without_expiry(changes) := found if {
	found := obligation.expires_after_hours with input as object.union(example.to_police, changes)
		with data.agreements as {"minimum": object.union(example.minimum, {"expires_after_hours": null})}
}

test_r3_police_data_expires_even_where_the_agreement_forgot if {
	without_expiry({}) == 24
	without_expiry({"custody_confirmed": true}) == 48
}

test_r42_the_core_names_nobody_and_may_be_kept if {
	obligation.of_core == {"expires_after_hours": null, "marking": "neutral_core", "incident_only": false}
	obligation.none == {"expires_after_hours": null, "marking": null, "incident_only": false}
}
