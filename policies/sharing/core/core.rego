# METADATA
# title: Core
# description: >-
#   The neutral core names nobody: an area, how urgent, what kind of help, when. Refusing personal data must not refuse
#   help, so responders get it without an agreement, and no objection or missing confidence stops it.
# schemas:
#   - input: schema.question
package candour.core

import data.candour.agreement
import data.candour.desk

# METADATA
# title: Core of what is not urgent
# description: Where nothing is urgent and nothing was agreed there is no need to tell anybody.
# custom:
#   code: core_not_urgent
#   owner: information-governance
#   source: [R42]
#   solution: Sign an agreement for this flow; in an emergency label it so.
deny contains "core_not_urgent" if {
	not urgent
	not agreement.in_force
}

# METADATA
# title: Core to responders
# description: Urgent, to a desk that must act, for the response itself. The refused purposes of R4 do not bear on it.
to_responder if {
	input.field_class == "core"
	desk.acting
}

# METADATA
# title: Urgent
# description: As the publisher labels it. A wrong label costs a neutral message, not a confidence.
urgent if input.setting in {"emergency_live", "urgent"}

# METADATA
# title: Fields of the core
# description: What the schema marks as core, each as it is.
fields := data.event_types[input.event_type].core
