# METADATA
# title: Class table
# description: >-
#   How far each class of field may go to each kind of desk (4.5, 4.5b), before anything narrows it. The cells are in
#   data.yaml beside this file.
# schemas:
#   - input: schema.question
package candour.class_table

import data.candour.agreement
import data.candour.desk

# METADATA
# title: Class that never goes
# description: The cell says never, or there is no such cell.
# custom:
#   code: class_never
#   owner: information-governance
#   source: [R10, R28, R29, R30]
#   solution: None here. If the desk must know, a named person tells it.
deny contains "class_never" if not passable

passable if cell in {"whole", "summary", "if_agreed", "summary_if_agreed", "hold"}

# METADATA
# title: Text written to be shared
# description: Only a summary may go, and the agreement names none of this class, nor the event's own.
# custom:
#   code: clinical_summary_only
#   owner: information-governance
#   source: [R28, R49]
#   solution: Have the agreement name `shareable_summary`, or a field that is written to be shared.
deny contains "clinical_summary_only" if {
	summary_only
	agreement.in_force
	agreement.granted
	count(fields) == 0
}

# METADATA
# title: Class that needs a person
# description: The cell asks for a named person's decision.
# custom:
#   code: class_needs_person
#   owner: information-governance
#   source: [R11, R25]
#   solution: The named decider of this flow decides.
hold contains "class_needs_person" if cell == "hold"

# METADATA
# title: Cell
# description: A planned setting is read by the planned table, whatever the purpose.
cell := data.class_table[table][desk.column][input.field_class]

table := data.class_table.tables[input.purpose][input.setting]

# METADATA
# title: Fields
# description: What the cell lets go of the fields that the agreement names, each with its handling.
fields := agreement.granted.whole if cell in {"whole", "if_agreed"}

fields := agreement.granted.summary if summary_only

summary_only if cell in {"summary", "summary_if_agreed"}
