# METADATA
# title: Police and the incident
# description: >-
#   Police hear of a person only within an incident they are in and that health has linked, and only once health has
#   confirmed that there is danger. Police's own word, and the publisher's setting, count for nothing here.
# schemas:
#   - input: schema.question
package candour.incident

import data.candour.custody_end

# METADATA
# title: Confirmed by health
# description: >-
#   Person-level release to police needs the open incident and, besides, section 136 custody recorded by the place of
#   safety or a threshold that a health author put on this very event. The plain end of custody follows by itself.
# custom:
#   code: police_not_confirmed
#   owner: information-governance
#   source: [R3, R9, R53]
#   solution: The place of safety or the crisis desk confirms the link and the danger, in its own event.
deny contains "police_not_confirmed" if {
	input.desk_kind == "police"
	input.field_class != "core"
	not confirmed_in_incident
}

# METADATA
# title: Core to police
# description: The neutral core names nobody, so the open incident is enough.
# custom:
#   code: police_not_confirmed
#   owner: information-governance
#   source: [R3, R42, R53]
#   solution: The place of safety or the crisis desk links the police reference to the person.
deny contains "police_not_confirmed" if {
	input.desk_kind == "police"
	input.field_class == "core"
	not input.in_incident
}

# METADATA
# title: Danger confirmed
# description: Custody under section 136, or danger to life or of serious harm, in the word of health.
danger_confirmed if input.custody_confirmed

danger_confirmed if input.threshold_confirmed in {"life_risk", "serious_harm"}

# METADATA
# title: Confirmed in the incident
# description: Both at once; neither is enough.
confirmed_in_incident if {
	input.in_incident
	danger_confirmed
}

# Health's own record of taking over, or of the end, is its word that there was custody (R20, R21).
confirmed_in_incident if custody_end.told
