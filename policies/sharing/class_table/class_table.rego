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

passable if gives

passable if cell == "hold"

# METADATA
# title: Class of which nothing here may go
# description: The cell lets only some fields of the class go, and the agreement names none of those.
# custom:
#   code: class_never
#   owner: information-governance
#   source: [R10, R28, R29]
#   solution: Have the agreement name a field that may go here, if there is one.
deny contains "class_never" if {
	gives
	not by_text
	agreement.in_force
	agreement.granted
	count(fields) == 0
}

# METADATA
# title: Text written to be shared
# description: Only a summary may go, and the agreement names none of this class, nor the event's own.
# custom:
#   code: clinical_summary_only
#   owner: information-governance
#   source: [R28, R49]
#   solution: Have the agreement name `shareable_summary`, or a field that is written to be shared.
deny contains "clinical_summary_only" if {
	gives == "summary"
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
# description: >-
#   A planned setting is read by the planned table, whatever the purpose. A cell with a condition is read as the question
#   stands: detained now, a statutory function, a task in safeguarding.
cell := written if {
	data.class_table.cells[written]
} else := written if {
	written in {"hold", "never"}
} else := "whole" if {
	input.purpose in statutory[written]
} else := "hold" if {
	statutory[written]
} else := "whole" if {
	written == "if_detained"
	detained
} else := "never"

written := data.class_table[table][desk.column][input.field_class]

table := data.class_table.tables[input.purpose][input.setting]

statutory := {"if_function": {"P3", "P4", "P8"}, "if_task": {"P3"}}

# Recorded custody of this person, or an event that is itself of it.
detained if input.custody_confirmed

detained if startswith(input.event_type, "police.s136.")

detained if startswith(input.event_type, "pos.s136.")

# METADATA
# title: What the cell gives
# description: The whole, text written to be shared, or the fields of one trait.
gives := data.class_table.cells[cell].gives

by_text if gives in {"whole", "summary"}

# METADATA
# title: Asks for a yes
# description: The cell lets the class go only if the person permitted it.
asks if data.class_table.cells[cell].asks

# METADATA
# title: Fields
# description: What the cell lets go of the fields that the agreement names, each with its handling.
fields := agreement.granted[gives]
