# METADATA
# title: Serious crime
# description: >-
#   To prevent or detect serious crime health and social care may tell police, case by case: a named person decides that it
#   is necessary, proportionate and the least that will do.
# schemas:
#   - input: schema.question
package candour.serious_crime

# METADATA
# title: Case by case
# description: Whatever was agreed, nothing of a person goes to police for this purpose by itself.
# custom:
#   code: case_by_case
#   owner: information-governance
#   source: [R11]
#   solution: The named decider of this flow decides, and the person is told unless that would do harm.
hold contains "case_by_case" if {
	input.desk_kind == "police"
	input.purpose == "P6"
	input.field_class != "core"
}
