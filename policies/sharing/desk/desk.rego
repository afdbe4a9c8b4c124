# METADATA
# title: Desk
# description: >-
#   What the rules need to know of the desk that asks: the kind of its agency, the column of the class table it
#   stands in, and whether it must act when somebody is in danger. Denies nothing by itself.
# schemas:
#   - input: schema.question
package candour.desk

# METADATA
# title: Known desk
# description: The desk takes part, and the question says of it what the register says.
known if data.desks[input.desk] == input.desk_kind

# METADATA
# title: Column
# description: Where the desk stands in the class table (4.5). A desk nobody knows stands nowhere.
column := data.columns[input.desk] if known

# METADATA
# title: Responder
# description: >-
#   A desk that must act when somebody in a place it serves is in danger now, whatever was signed before (R42). A place
#   that nobody knows is everybody's.
responder if {
	known
	input.place in data.responders[input.desk]
}

responder if {
	known
	input.place == "elsewhere"
	data.responders[input.desk]
}

# METADATA
# title: Acting now
# description: A responder asks for the response itself, while the contact is urgent. The label is the publisher's.
acting if {
	input.setting in {"emergency_live", "urgent"}
	input.purpose in {"P1", "P4", "P5"}
	responder
}

# METADATA
# title: Outside the statutory services
# description: Desks that hold what they get by the person's permission only (R28, R29, B9).
by_permission if column in {"vcse_professional", "volunteer", "housing", "carer"}
