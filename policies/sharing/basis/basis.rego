# METADATA
# title: Legal basis
# description: Every flow stands on one of the bundles B1 to B12 (3.3, 3.2 step 5).
# schemas:
#   - input: schema.question
package candour.basis

import data.candour.agreement

# METADATA
# title: Basis named
# description: The agreement names a bundle, and the bundle fits the case.
# custom:
#   code: no_basis
#   owner: information-governance
#   source: [L1, L2, L5]
#   solution: Have the agreement name the bundle it stands on; B4 is for those who cannot say yes or no.
deny contains "no_basis" if {
	agreement.in_force
	not sound
}

# A helper without arguments: in `not f(x)` a missing x would end the rule, and a rule that ends denies nothing.
sound if is_sound(agreement.terms.basis)

is_sound(bundle) if bundle in {"B1", "B2", "B3", "B5", "B6", "B7", "B8", "B9", "B10", "B11", "B12"}

# Vital interests are no basis where the person can decide, even where they refuse (L5).
is_sound("B4") if input.capacity == "lacks"
