# METADATA
# title: Oversight
# description: Whoever commissions services sees events about services, never one about a person, not even its core.
# schemas:
#   - input: schema.question
package candour.oversight

# METADATA
# title: Events about services only
# description: An event of such a type has no place where anybody could be named.
# custom:
#   code: aggregates_only
#   owner: information-governance
#   source: [R30, R40]
#   solution: None. Counts go to commissioners as figures, under disclosure control.
deny contains "aggregates_only" if {
	input.desk_kind == "commissioner"
	not data.event_types[input.event_type].names_nobody
}
