# METADATA
# title: Wishes
# description: Whether the person's wishes are known, and whether they said yes where a yes is needed.
# schemas:
#   - input: schema.question
package candour.wishes

import data.candour.agreement
import data.candour.class_table

# METADATA
# title: Wishes known
# description: Where the identifier is unsound nobody can look up what the person wants, so nothing of them goes.
# custom:
#   code: identity_unsound
#   owner: information-governance
#   source: [R36, R54]
#   solution: Publish again with an identifier that is sound.
deny contains "identity_unsound" if not input.wishes_known

# METADATA
# title: Permission given
# description: Where the agreement or the class table asks for the person's yes, there must be one.
# custom:
#   code: permission_missing
#   owner: information-governance
#   source: [B9, L8, R28]
#   solution: Ask the person. Their yes is recorded by themselves or by health or social care.
deny contains "permission_missing" if {
	not permitted
	not by_beneficiary
	needed
}

# METADATA
# title: Permission from a third hand
# description: A yes that was recorded by the agency that gains by it counts for nothing.
# custom:
#   code: permission_from_beneficiary
#   owner: information-governance
#   source: [R54]
#   solution: Let the person say it themselves, or to an agency that does not gain by it.
deny contains "permission_from_beneficiary" if {
	by_beneficiary
	needed
}

# METADATA
# title: Permitted
# description: The person permits this class, desk and purpose, and somebody who may record it did.
permitted if {
	input.wish == "permits"
	input.permission_source in {"self", "independent"}
}

by_beneficiary if {
	input.wish == "permits"
	input.permission_source == "beneficiary"
}

needed if agreement.terms.confidentiality == "explicit"

needed if class_table.asks
