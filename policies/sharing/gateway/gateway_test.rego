package candour.gateway_test

import data.candour.example_test as example
import data.candour.gateway

denied(changes, terms) := codes if {
	codes := gateway.deny with input as object.union(example.question, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"care": object.union(example.care, terms)}
}

violence := {"gateways": ["pcsc_2022_s16"], "publisher_kinds": ["crisis", "police"]}

test_r12_the_serious_violence_duty_opens_nothing_that_health_holds if {
	denied({}, violence) == {"serious_violence_duty"}
	denied({}, {"gateways": ["care_act_2014_s42", "pcsc_2022_s16"]}) == {"serious_violence_duty"}
}

test_r12_what_police_hold_is_not_stopped_here if denied({"publisher_kind": "police"}, violence) == set()

test_r13_section_115_alone_is_no_ground if {
	denied({}, {"gateways": ["cda_1998_s115"]}) == {"section_115_alone"}
	denied({}, {"gateways": ["cda_1998_s115", "cda_1998_s115"]}) == {"section_115_alone"}
}

test_r13_section_115_beside_another_gateway_is_not_stopped_here if {
	denied({}, {"gateways": ["cda_1998_s115", "common_law_protect_life"]}) == set()
}

test_r12_r13_an_agreement_without_a_gateway_is_not_stopped_here if denied({}, {}) == set()

test_r12_r13_gateways_that_cannot_be_read_are_none if {
	codes := gateway.deny with input as example.question
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"care": object.remove(example.care, ["gateways"])}
	codes == {"section_115_alone", "serious_violence_duty"}
}
