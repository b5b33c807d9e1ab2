package admin

// operations are all that can be asked for, with the role each needs.
func operations() map[string]operation {
	return map[string]operation{
		"app.add":           op(RoleOperate, (*Service).appAdd),
		"app.list":          op(RoleRead, (*Service).appList),
		"app.revoke":        op(RoleOperate, (*Service).appRevoke),
		"config.reload":     op(RoleOperate, (*Service).reload),
		"consent.add":       op(RoleOperate, (*Service).consentAdd),
		"consent.revoke":    op(RoleOperate, (*Service).consentRevoke),
		"consent.show":      op(RoleRead, (*Service).consentShow),
		"deliveries.list":   op(RoleRead, (*Service).deliveryList),
		"deliveries.replay": op(RoleOperate, (*Service).deliveryReplay),
		"encryption.enable": op(RoleOperate, (*Service).encryptionEnable),
		"encryption.status": op(RoleRead, (*Service).encryptionStatus),
		"facts.import":      op(RoleOperate, (*Service).factsImport),
		"keys.backup":       op(RoleOperate, (*Service).keysBackup),
		"keys.destroy":      op(RoleApprove, (*Service).keysDestroy),
		"keys.list":         op(RoleRead, (*Service).keysList),
		"keys.rewrap":       op(RoleOperate, (*Service).keysRewrap),
		"keys.rotate":       op(RoleOperate, (*Service).keysRotate),
		"keys.status":       op(RoleRead, (*Service).keysStatus),
		"flows.check":       op(RoleRead, (*Service).flowsCheck),
		"flows.upload":      op(RoleOperate, (*Service).flowsUpload),
		"record.reveal":     op(RoleReveal, (*Service).recordReveal),
		"record.sealed":     op(RoleReveal, (*Service).recordSealed),
		"record.show":       op(RoleRead, (*Service).recordShow),
		"reveal.approve":    op(RoleReveal, (*Service).revealApprove),
		"reveal.requests":   op(RoleRead, (*Service).revealRequests),
		"subject.erase":     op(RoleApprove, (*Service).subjectErase),
		"subject.find":      op(RoleRead, (*Service).subjectFind),
		"subject.show":      op(RoleRead, (*Service).subjectShow),
		"trail.read":        op(RoleRead, (*Service).trailRead).duringSetup(),
		"operator.add":      op(RoleApprove, (*Service).operatorAdd).duringSetup(),
		"operator.list":     op(RoleRead, (*Service).operatorList),
		"operator.revoke":   op(RoleApprove, (*Service).operatorRevoke),
	}
}
