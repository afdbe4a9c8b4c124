# METADATA
# title: Objection
# description: >-
#   The person says no (3.2 step 7, without its new branches). An objection stops every class of the person part. A
#   duty that outweighs it is argued by a named person in a review, never here.
# schemas:
#   - input: schema.question
package candour.objection

# METADATA
# title: No objection
# description: >-
#   Only a wish that is known not to be an objection lets anything pass: one that cannot be read is one.
# custom:
#   code: objection
#   owner: information-governance
#   source: [L6, R27, R34]
#   solution: None here. The objection stands until the person lifts it or a named review overrides it.
deny contains "objection" if not no_objection

no_objection if input.wish in {"none", "permits", "overridden"}
