# METADATA
# title: After a death
# description: >-
#   When health or social care told that the person died, routine flows stop; confidentiality goes on. What somebody must
#   act on now, the notice itself, and what is asked of the officers go on as before.
# schemas:
#   - input: schema.question
package candour.deceased

# METADATA
# title: Planned flows stop
# description: Nothing planned goes about somebody who died, to anybody, until the notice is withdrawn.
# custom:
#   code: person_deceased
#   owner: information-governance
#   source: [R51]
#   solution: Ask the officers; access to the records of somebody who died has a law of its own. A wrong notice is withdrawn.
deny contains "person_deceased" if not goes_on

goes_on if input.deceased == false

goes_on if {
	input.deceased == true
	has_reason
}

has_reason if input.setting in {"emergency_live", "urgent"}

has_reason if input.event_type == "person.deceased"

has_reason if input.purpose == "P12"
