package candour.regime_test

import data.candour.example_test as example
import data.candour.regime

denied(base, changes) := codes if {
	codes := regime.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

quoting(gateway) := codes if {
	codes := regime.deny with input as object.union(example.question, {"regime": "part3"})
		with data.desks as example.desks
		with data.agreements as {"care": object.union(example.care, {"gateway": gateway})}
}

test_l12_general_processing_needs_no_gateway if denied(example.question, {}) == set()

test_l12_law_enforcement_data_needs_its_gateway if {
	denied(example.question, {"regime": "part3"}) == {"part3_gateway_missing"}
	quoting("") == {"part3_gateway_missing"}
	quoting("Data Protection Act 2018 s36(4)") == set()
}

test_l12_a_regime_nobody_knows_is_refused if {
	denied(example.question, {"regime": "other"}) == {"part3_gateway_missing"}
}

test_l12_says_nothing_where_nothing_was_agreed if {
	denied(example.question, {"regime": "part3", "agreement": "none"}) == set()
}
