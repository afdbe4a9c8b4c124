# METADATA
# title: Restricted-person markers
# description: Where a marker protects the person, nothing that tells where they are goes to anybody else.
# schemas:
#   - input: schema.question
package candour.restriction

import data.candour.class_table
import data.candour.emergency

# METADATA
# title: Location withheld
# description: Address, phone and place are taken out of every delivery, the live response too.
# custom:
#   code: location_withheld
#   owner: information-governance
#   source: [R24]
#   solution: None here. Ring the clinician line; a clinician knows how to reach the person safely.
deny contains "location_withheld" if {
	not unprotected
	input.field_class in {"LP", "CT"}
	input.desk_kind != "person"
}

# METADATA
# title: Nothing left but where somebody is
# description: Every field of the class that would go tells where the person is, though the class is another.
# custom:
#   code: location_withheld
#   owner: information-governance
#   source: [R24]
#   solution: None here. Ring the clinician line; a clinician knows how to reach the person safely.
deny contains "location_withheld" if {
	not unprotected
	count(withheld) > 0
	count(going) > 0
	every name, _ in going {
		name in withheld
	}
}

going := emergency.fields if {
	emergency.goes
} else := class_table.fields

# METADATA
# title: Fields that tell where the person is
# description: A destination, the organisation that has them. They go out of classes that may go. Tightens.
withheld contains name if {
	not unprotected
	input.desk_kind != "person"
	some name in data.event_types[input.event_type].by_trait.locates
}

# METADATA
# title: Unprotected
# description: Every marker is one that does not hide where the person is. One that nobody knows hides it.
unprotected if input.markers == []

unprotected if {
	every marker in input.markers {
		marker in {"staff_or_vip", "child", "legal_hold"}
	}
}
