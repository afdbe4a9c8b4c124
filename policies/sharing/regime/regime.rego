# METADATA
# title: Regime
# description: Personal data processed for law enforcement leaves police only by a gateway that the agreement quotes.
# schemas:
#   - input: schema.question
package candour.regime

import data.candour.agreement

# METADATA
# title: Gateway out of Part 3
# description: Under Part 3 of the Data Protection Act 2018 re-use elsewhere must be authorised by law (s36(4)).
# custom:
#   code: part3_gateway_missing
#   owner: information-governance
#   source: [L12, B7]
#   solution: Quote the gateway in the agreement, or publish under UK GDPR where the work is welfare.
deny contains "part3_gateway_missing" if {
	agreement.in_force
	not lawful
}

# METADATA
# title: Lawful as to regime
# description: Either general processing, or law-enforcement processing with its gateway.
lawful if input.regime == "ukgdpr"

lawful if {
	input.regime == "part3"
	is_string(agreement.terms.gateway)
	agreement.terms.gateway != ""
}
