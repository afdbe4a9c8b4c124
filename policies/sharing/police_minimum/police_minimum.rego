# METADATA
# title: The least police need
# description: What never goes to police, even in a live incident that health has confirmed.
# schemas:
#   - input: schema.question
package candour.police_minimum

# METADATA
# title: Nothing clinical to police
# description: >-
#   Diagnosis, medication, therapy and trauma history, plans, the person's own words, other contacts, ethnicity.
# custom:
#   code: police_no_clinical
#   owner: information-governance
#   source: [R10, R30]
#   solution: None. What police need to act safely is class SF, in words written for them.
deny contains "police_no_clinical" if {
	input.desk_kind == "police"
	input.field_class in {"CL", "CX", "AU", "TP", "SC"}
}

# METADATA
# title: Fields withheld from police
# description: NHS numbers, whatever an agreement names (R36). Tightens what others let go.
withheld contains name if {
	input.desk_kind == "police"
	some name in data.event_types[input.event_type].nhs_numbers
}
