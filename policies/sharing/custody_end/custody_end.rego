# METADATA
# title: End of custody
# description: >-
#   When a detention under section 136 ends police get its time, and their own release time when health takes over. No
#   outcome, no diagnosis, no address.
# schemas:
#   - input: schema.question
package candour.custody_end

import data.candour.agreement

# METADATA
# title: Times and facts of the work only
# description: Of the handover and of the end nothing but class OP goes to police, and of the end only its time.
# custom:
#   code: custody_end_only
#   owner: information-governance
#   source: [R20, R21]
#   solution: None. The time is what closes an incident.
deny contains "custody_end_only" if {
	input.desk_kind == "police"
	input.event_type in {"pos.s136.ended", "pos.s136.handover"}
	not plain
}

plain if input.field_class in {"core", "OP"}

# METADATA
# title: Told to police
# description: >-
#   The handover in the incident, and the end also when the incident is over, need no further danger confirmed: that
#   health writes them is health's word that there was custody.
told if {
	input.desk_kind == "police"
	input.event_type in {"pos.s136.ended", "pos.s136.handover"}
	input.field_class == "OP"
	input.in_incident
}

told if {
	input.desk_kind == "police"
	input.event_type == "pos.s136.ended"
	input.field_class == "OP"
	input.incident_ended
}

# METADATA
# title: Fields withheld at the end
# description: Everything but the time, whatever an agreement names. Tightens what others let go.
withheld contains name if {
	input.desk_kind == "police"
	input.event_type == "pos.s136.ended"
	some name in (object.keys(agreement.granted.whole) - times)
}

times := {name | some name in data.event_types[input.event_type].by_trait.ended_at}
