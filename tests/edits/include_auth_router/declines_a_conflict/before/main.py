from fastapi import FastAPI

<<<<<<< ours
app = FastAPI()
=======
app = FastAPI(title="x")
>>>>>>> theirs
