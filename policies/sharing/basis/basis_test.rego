package candour.basis_test

import data.candour.basis
import data.candour.example_test as example

standing_on(bundle, capacity) := codes if {
	codes := basis.deny with input as object.union(example.question, {"capacity": capacity})
		with data.desks as example.desks
		with data.agreements as {"care": object.union(example.care, {"basis": bundle})}
}

test_l1_each_bundle_of_the_list_is_a_basis if {
	every number in [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12] {
		standing_on(sprintf("B%d", [number]), "has") == set()
	}
}

test_l1_what_is_not_in_the_list_is_none if {
	standing_on("B13", "has") == {"no_basis"}
	standing_on("", "has") == {"no_basis"}
}

test_l5_vital_interests_are_for_those_who_cannot_decide if {
	standing_on("B4", "lacks") == set()
	standing_on("B4", "has") == {"no_basis"}
	standing_on("B4", "unknown") == {"no_basis"}
}

test_l1_an_agreement_that_names_no_basis_has_none if {
	codes := basis.deny with input as example.question
		with data.desks as example.desks
		with data.agreements as {"care": object.remove(example.care, ["basis"])}
	codes == {"no_basis"}
}
