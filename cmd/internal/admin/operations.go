package admin

// operations are all that can be asked for, with the role each needs.
func operations() map[string]operation {
	return map[string]operation{
		"operator.add":    op(RoleApprove, (*Service).operatorAdd).duringSetup(),
		"operator.list":   op(RoleRead, (*Service).operatorList),
		"operator.revoke": op(RoleApprove, (*Service).operatorRevoke),
	}
}
