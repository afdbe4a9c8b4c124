# METADATA
# title: Gateways
# description: Two gateways that agreements quote and that are none. What matters is the code, not the words around it.
# schemas:
#   - input: schema.question
package candour.gateway

import data.candour.agreement

# METADATA
# title: Serious Violence Duty
# description: It excludes patient information, and personal information that a health or social-care authority holds.
# custom:
#   code: serious_violence_duty
#   owner: information-governance
#   source: [R12, L11]
#   solution: None under this duty. Where somebody is in danger, a clinician may tell police case by case (R11).
deny contains "serious_violence_duty" if {
	agreement.in_force
	not outside_the_duty
}

outside_the_duty if input.publisher_kind == "police"

outside_the_duty if agreement.terms.gateways == []

outside_the_duty if {
	every code in agreement.terms.gateways {
		code != "pcsc_2022_s16"
	}
}

# METADATA
# title: Section 115 alone
# description: The Crime and Disorder Act gives a power. It is no duty, and it overrides nothing.
# custom:
#   code: section_115_alone
#   owner: information-governance
#   source: [R13, L10]
#   solution: Quote what else lets this be shared, or take the agreement away.
deny contains "section_115_alone" if {
	agreement.in_force
	not more_than_section_115
}

more_than_section_115 if agreement.terms.gateways == []

more_than_section_115 if {
	some code in agreement.terms.gateways
	code != "cda_1998_s115"
}
