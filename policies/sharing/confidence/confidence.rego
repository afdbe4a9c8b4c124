# METADATA
# title: Confidence
# description: >-
#   Whether the duty of confidentiality lets this pass on (3.1, 3.2 step 6). Lawful basis is another question, and
#   another family; so is whether the person objects.
# schemas:
#   - input: schema.question
package candour.confidence

import data.candour.agreement
import data.candour.desk
import data.candour.incident

# METADATA
# title: Confidence lifted
# description: Something must lift the confidence, and the agreement names it. One that names nothing lifts nothing.
# custom:
#   code: confidence
#   owner: information-governance
#   source: [L8, L9, R11]
#   solution: Ask the person, or have the agreement name the ground it stands on.
deny contains "confidence" if {
	agreement.in_force
	not lifted
}

lifted if lifts(agreement.terms.confidentiality)

# Implied: care by those of whom the person would expect it, never beyond them.
lifts("implied") if {
	desk.known
	not desk.by_permission
	input.desk_kind in {"crisis", "place_of_safety", "cmht", "social_care", "ambulance", "ed", "gp"}
}

# Explicit: whether the person did say yes is asked by the family `wishes`, which denies when they did not.
lifts("explicit")

# Overriding public interest is weighed case by case: here, a danger that health has confirmed (R9, R53).
lifts("public_interest") if incident.danger_confirmed

lifts("statute")
