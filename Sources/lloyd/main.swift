print("lloyd")
