# METADATA
# title: Restricted-person markers
# description: Where a marker protects the person, nothing that tells where they are goes to anybody else.
# schemas:
#   - input: schema.question
package candour.restriction

# METADATA
# title: Location withheld
# description: Address, phone and place are taken out of every delivery, the live response too.
# custom:
#   code: location_withheld
#   owner: information-governance
#   source: [R24]
#   solution: None here. Ring the clinician line; a clinician knows how to reach the person safely.
deny contains "location_withheld" if {
	input.field_class in {"LP", "CT"}
	input.desk_kind != "person"
	not unprotected
}

# METADATA
# title: Unprotected
# description: Every marker is one that does not hide where the person is. One that nobody knows hides it.
unprotected if {
	every marker in input.markers {
		marker in {"staff_or_vip", "child", "legal_hold"}
	}
}
