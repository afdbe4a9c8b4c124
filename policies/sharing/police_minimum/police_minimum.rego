# METADATA
# title: The least police need
# description: What never goes to police, even in a live incident that health has confirmed.
# schemas:
#   - input: schema.question
package candour.police_minimum

import data.candour.agreement

# METADATA
# title: Nothing clinical to police
# description: >-
#   Diagnosis, medication, therapy and trauma history, plans, the words of others, other contacts, ethnicity.
# custom:
#   code: police_no_clinical
#   owner: information-governance
#   source: [R10, R30]
#   solution: None. What police need to act safely is class SF, in words written for them.
deny contains "police_no_clinical" if {
	input.desk_kind == "police"
	input.field_class in {"CL", "CX", "TP", "SC"}
}

# METADATA
# title: The person's own words to police
# description: Only what the person marked for police, in a field made for it.
# custom:
#   code: police_no_clinical
#   owner: information-governance
#   source: [R10]
#   solution: Ask the person what officers should know, and write that down as theirs.
deny contains "police_no_clinical" if {
	input.desk_kind == "police"
	input.field_class == "AU"
	not marked_for_police
}

marked_for_police if count(agreement.granted.for_police) > 0

# METADATA
# title: Fields withheld from police
# description: NHS numbers, whatever an agreement names (R36). Tightens what others let go.
withheld contains name if {
	input.desk_kind == "police"
	some name in data.event_types[input.event_type].nhs_numbers
}
