# METADATA
# title: Labels
# description: >-
#   No label for how often somebody is in a crisis, no count of it, no score or level of risk, and no instruction to withhold
#   help. The linter refuses such a schema; one that comes all the same is released to nobody.
# schemas:
#   - input: schema.question
package candour.labels

# METADATA
# title: Free of labels
# description: The type of event has no field whose name means one of these. A type nobody looked through is not free.
# custom:
#   code: forbidden_label
#   owner: information-governance
#   source: [R5, R6, R7, R22]
#   solution: Take the field out of the schema, and say what is happening and what helps (R23).
deny contains "forbidden_label" if not free

free if data.event_types[input.event_type].labels == []
