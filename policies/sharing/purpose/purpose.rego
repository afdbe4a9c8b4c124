# METADATA
# title: Purpose
# description: Purposes that no agreement can allow (R4), and words that are no purpose at all.
# schemas:
#   - input: schema.question
package candour.purpose

# METADATA
# title: Purpose of the event
# description: The event says for what it was published; a refused purpose stops it, whatever was agreed.
# custom:
#   code: refused_purpose
#   owner: information-governance
#   source: [R4, R12]
#   solution: None. Publish for a purpose of care or safety, or not at all.
deny contains "refused_purpose" if not event_purpose_accepted

# METADATA
# title: Purpose of the subscription
# description: The desk says for what it asks.
# custom:
#   code: refused_purpose
#   owner: information-governance
#   source: [R4]
#   solution: None. Take the subscription away.
deny contains "refused_purpose" if not purpose_accepted

event_purpose_accepted if is_accepted(input.event_purpose)

purpose_accepted if is_accepted(input.purpose)

# P1 to P13 of 4.3. What is not in this list is refused, PX1 to PX8 with it.
is_accepted(purpose) if purpose in {"P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12", "P13"}
