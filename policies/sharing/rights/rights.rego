# METADATA
# title: Rights of the person
# description: >-
#   What somebody says of how they were met goes to the officers who answer for it, and to nobody who met them; and of
#   nobody else do the officers learn who it is.
# schemas:
#   - input: schema.question
package candour.rights

import data.candour.desk

# METADATA
# title: Complaints are for those who answer for them
# description: >-
#   Never to the team or officer complained of, and never to police: since any team may be the one, to no team at all.
#   Who looked at a person's record goes the same way.
# custom:
#   code: complaint_confined
#   owner: information-governance
#   source: [R32, R48]
#   solution: None here. The governance officers ask the team what happened, without saying more than they must.
deny contains "complaint_confined" if not open_to_desk

open_to_desk if not input.event_type in {"person.complaint", "person.feedback", "person.access_log.viewed"}

open_to_desk if {
	input.purpose == "P12"
	desk.column == "officer"
}

# METADATA
# title: Officers learn of nobody who did not turn to them
# description: Who somebody is, and what they say, is for the officers where that person asks for or complains of something.
# custom:
#   code: rights_only
#   owner: information-governance
#   source: [R32, R48]
#   solution: None. What governance oversees names nobody.
deny contains "rights_only" if {
	desk.column == "officer"
	input.field_class in {"ID", "CT", "AU", "TP"}
	not of_rights
}

of_rights if {
	input.purpose == "P12"
	input.event_type in {"person.complaint", "person.feedback", "person.correction.requested"}
}
